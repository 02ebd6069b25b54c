import * as library from "alipay-hk-sandbox";
import { exercise } from "./exercise.mjs";

await exercise(library);
