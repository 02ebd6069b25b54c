import { describeMatrix } from "./matrix.ts";

describeMatrix(2, 3);
