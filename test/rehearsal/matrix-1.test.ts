import { describeMatrix } from "./matrix.ts";

describeMatrix(0, 3);
