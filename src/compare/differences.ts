import { isKsuid } from "../domain/ksuid.ts";
import { referencePrefix } from "./examination.ts";
import { isJsonObject } from "./members.ts";
import type { Seen } from "./subject.ts";

/** A member in which two answers to the same request differ, as texts. */
export interface Difference {
  readonly member: string;
  readonly theirs: string;
  readonly ours: string;
}

const shownMax = 60;
/** Maximum depth of a body that is looked at, and maximum number of its differences. */
const depthMax = 8;
const differencesMax = 50;
const absent = "absent";

/** The differences of two answers. Ids, times, URLs and sentences may have other values, not another form. */
export function differencesBetween(theirs: Seen, ours: Seen): Difference[] {
  const [theirForm, ourForm] = [formOf(theirs), formOf(ours)];
  const differences = [...new Set([...ourForm.keys(), ...theirForm.keys()])].flatMap((member) => {
    const [their, our] = [theirForm.get(member) ?? absent, ourForm.get(member) ?? absent];
    return their === our ? [] : [{ member, theirs: their, ours: our }];
  });
  return differences.slice(0, differencesMax);
}

/** Every member with the form of its value, by its path. */
function formOf({ status, mediaType, body, isSigned }: Seen): Map<string, string> {
  const form = new Map<string, string>();
  if (status !== undefined) form.set("HTTP status", String(status));
  if (mediaType !== undefined) form.set("Content-Type", mediaType);
  if (isSigned !== undefined) form.set("signature", isSigned ? "right" : "wrong or absent");
  addForm(form, "", body);
  return form;
}

/** Of a list the first entry is looked at: how many there are depends on what the account did before. */
function addForm(form: Map<string, string>, path: string, value: unknown): void {
  if (path.split(/[.[]/).length > depthMax) return;
  const name = path.slice(path.lastIndexOf(".") + 1);
  if (isJsonObject(value)) {
    for (const [member, inner] of Object.entries(value))
      addForm(form, path === "" ? member : `${path}.${member}`, inner);
  } else if (Array.isArray(value)) {
    addForm(form, `${path}[0]`, value[0]);
  } else {
    form.set(path, name === "description" && typeof value === "string" ? "a sentence" : formOfValue(value));
  }
}

const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

function formOfValue(value: unknown): string {
  if (typeof value !== "string") return JSON.stringify(value) ?? absent;
  if (value.startsWith(referencePrefix)) return "the reference";
  if (isKsuid(value)) return "a KSUID";
  if (time.test(value)) return "a time";
  if (/^https?:\/\//.test(value)) return "a URL";
  if (/^\/v1\/tracks\/(payments|refunds)\/[\w-]+$/.test(value)) return value.replace(/[\w-]+$/, "{trackId}");
  const text = JSON.stringify(value);
  return text.length > shownMax ? `${text.slice(0, shownMax)}…` : text;
}
