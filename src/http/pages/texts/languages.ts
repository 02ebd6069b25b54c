import type { Language } from "../../../language/language.ts";
import { en } from "./en.ts";
import type { Texts } from "./shape.ts";
import { zhCn } from "./zh-cn.ts";
import { zhHk } from "./zh-hk.ts";

export const texts: Readonly<Record<Language, Texts>> = { en, "zh-HK": zhHk, "zh-CN": zhCn };
