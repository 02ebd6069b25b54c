import { describeMatrix } from "./matrix.ts";

describeMatrix(1, 3);
