import type { PageData } from "../page-data.ts";
import {
  type DoctorParts,
  type DoctorView,
  type ExaminationOptions,
  examineCall,
  examineMessage,
  examineRequest,
} from "./examination.ts";
import { hasPrivateKey, withoutPrivateKeys } from "./private-keys.ts";

type Subject = Pick<PageData, "world" | "address" | "requests">;

/** What the page shows at its address: the logged call there, or the empty forms. */
export function doctorView(data: Subject, parts: DoctorParts): Promise<DoctorView> {
  return viewOfCall(emptyForms(data), data, parts, false);
}

function emptyForms({ world }: Subject): DoctorView {
  const url = world.settings.webhookUrl ?? "";
  return { request: "", message: { kind: "webhook", text: "", url, hmacKey: "", computed: "" } };
}

async function viewOfCall(
  forms: DoctorView,
  { address, requests, world }: Subject,
  parts: DoctorParts,
  sign: boolean,
): Promise<DoctorView> {
  if (address.request === undefined) return forms;
  const call = requests.find(({ sequence }) => String(sequence) === address.request);
  if (call === undefined) return { ...forms, problem: { text: "The log of this world does not have this call." } };
  return { ...forms, examination: await examineCall(call, parts, { ...world, sign }) };
}

/** What the page shows after one of its forms. Nothing of a form is stored. */
export async function submittedView(form: URLSearchParams, data: Subject, parts: DoctorParts): Promise<DoctorView> {
  const sign = form.get("sign") !== null;
  const about = form.get("about");
  if (about !== "request" && about !== "message") return viewOfCall(emptyForms(data), data, parts, sign);
  const filled = filledForms(form, data);
  const fields = [filled.request, ...Object.values(filled.message)];
  if (fields.some(hasPrivateKey)) {
    const { kind, text, url, hmacKey, computed } = filled.message;
    const clean = [text, url, hmacKey, computed].map(withoutPrivateKeys) as [string, string, string, string];
    const message = { kind, text: clean[0], url: clean[1], hmacKey: clean[2], computed: clean[3] };
    return { request: withoutPrivateKeys(filled.request), message, problem: { text: privateKeyRemoved, form: about } };
  }
  const options: ExaminationOptions = { processingAccountId: data.world.processingAccountId, sign };
  const examined =
    about === "request"
      ? await examineRequest(filled.request, parts, options)
      : await examineMessage(filled.message, parts);
  if ("problem" in examined) return { ...filled, problem: { text: examined.problem, form: about } };
  return { ...filled, examination: examined };
}

const privateKeyRemoved =
  "The form contained a private key, and the page has removed it. The doctor does not need one, and nobody else may " +
  "have it.";

function filledForms(form: URLSearchParams, data: Subject): DoctorView {
  const empty = emptyForms(data);
  const field = (name: string) => form.get(name) ?? "";
  if (form.get("about") === "request") return { ...empty, request: field("text") };
  return {
    ...empty,
    message: {
      kind: form.get("kind") === "response" ? "response" : "webhook",
      text: field("text"),
      url: field("url").trim(),
      hmacKey: field("hmacKey"),
      computed: field("computed").trim(),
    },
  };
}
