import type { Context, Hono, MiddlewareHandler } from "hono";
import type { z } from "zod";
import type { ContractChanges } from "../domain/contract-rules.ts";
import type { RefusalCode, Result } from "../domain/refusal.ts";
import type { Provenance } from "./api/provenance.ts";
import type { Env } from "./env.ts";
import { respond, respondRefusal } from "./respond.ts";

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

type Immutable<T> = T extends object ? { readonly [K in keyof T]: Immutable<T[K]> } : T;

/** A schema that is built on first use, so that a sandbox starts without building schemas. */
export type LazySchema<S extends z.ZodType = z.ZodType> = () => S;

/** The read-only type of a response schema. */
export type Resource<L extends LazySchema> = Immutable<z.output<ReturnType<L>>>;

/** Builds a schema once, on first use. */
export function lazySchema<S extends z.ZodType>(build: () => S): LazySchema<S> {
  let schema: S | undefined;
  return () => {
    schema ??= build();
    return schema;
  };
}

/** A schema that may depend on the contract profile of the request. It is built on first use. */
export type ContractSchema<S extends z.ZodType = z.ZodType> = (contract?: ContractChanges) => S;

/** Maximum number of profiles whose schemas are kept. */
const profilesMax = 100;

/** Builds a schema once for each contract profile, on first use. */
export function contractSchema<S extends z.ZodType>(build: ContractSchema<S>): ContractSchema<S> {
  const usual = lazySchema(() => build());
  const others = new Map<string, S>();
  return (contract) => {
    if (contract === undefined || build.length === 0) return usual();
    const key = JSON.stringify(contract);
    const schema = others.get(key) ?? build(contract);
    others.set(key, schema);
    const [oldest] = others.keys();
    if (others.size > profilesMax && oldest !== undefined) others.delete(oldest);
    return schema;
  };
}

/** Makes a route build the schemas of its query and body once, on first use. */
export function withLazySchemas<R extends Pick<RouteDescription, "query" | "body">>(route: R): R {
  const { query, body } = route;
  return {
    ...route,
    ...(query === undefined ? {} : { query: lazySchema(query) }),
    ...(body === undefined ? {} : { body: { ...body, schema: contractSchema(body.schema) } }),
  };
}

/** The body that a request carries. */
export interface BodyDescription<B extends z.ZodType = z.ZodType> {
  readonly schema: ContractSchema<B>;
  /** An empty body means `{}`. */
  readonly optional?: true;
  /** Absent where a document would be too long. */
  readonly example?: object;
  readonly source?: Provenance;
}

export interface ResponseDescription {
  readonly description: string;
  /** Of a JSON body; absent for an event stream. */
  readonly schema?: LazySchema;
  readonly example?: object;
  readonly source?: Provenance;
}

/** Responses by status. The lowest status is that of an accepted result. */
export type ResponseDescriptions = Readonly<Record<number, ResponseDescription>>;

/** The body of a successful response. */
export type SuccessOf<R extends ResponseDescriptions> = R extends {
  readonly 200: { readonly schema: infer L extends LazySchema };
}
  ? Resource<L>
  : R extends { readonly 201: { readonly schema: infer L extends LazySchema } }
    ? Resource<L>
    : never;

/** The query of a route as a client gives it. A text may be given as a number. */
export type QueryInput<R> = R extends { readonly query?: LazySchema<infer Q> }
  ? { readonly [K in keyof z.input<Q>]: z.input<Q>[K] | (string extends z.input<Q>[K] ? number : never) }
  : never;

/** The body of a route before validation. */
export type BodyInput<R> = R extends { readonly body?: { readonly schema: ContractSchema<infer B> } }
  ? z.input<B>
  : never;

/** The parameters in a path: `{ paymentId: string }` for `/payments/{paymentId}`. */
export type PathParameters<P extends string> = P extends `${string}{${infer Name}}${infer Rest}`
  ? { readonly [K in Name]: string } & PathParameters<Rest>
  : unknown;

/** A request after validation. */
export interface RouteRequest<P extends string, Q extends z.ZodType, B extends z.ZodType> {
  readonly c: Context<Env>;
  readonly params: PathParameters<P>;
  readonly query: z.output<Q>;
  readonly body: z.output<B>;
  /** Base of the URLs in the response, without a trailing slash. */
  readonly base: string;
}

/**
 * The description of a route. The router, the validation, the OpenAPI document, the reference and the types of the
 * handle are derived from it.
 */
export interface RouteDescription<
  M extends Method = Method,
  P extends string = string,
  Q extends z.ZodType = z.ZodType,
  B extends z.ZodType = z.ZodType,
  R extends ResponseDescriptions = ResponseDescriptions,
> {
  readonly method: M;
  /** Below the prefix of the surface, with `{name}` for each parameter. */
  readonly path: P;
  readonly operationId: string;
  readonly summary: string;
  readonly description?: string;
  readonly query?: LazySchema<Q>;
  readonly body?: BodyDescription<B>;
  readonly responses: R;
  /** Refusals of this route, besides those of every route of the surface. */
  readonly refusals: readonly RefusalCode[];
}

/** A route with its handler. `Extra` is what a surface adds to the request. */
export interface Route<
  Extra,
  Services,
  M extends Method = Method,
  P extends string = string,
  Q extends z.ZodType = z.ZodType,
  B extends z.ZodType = z.ZodType,
  R extends ResponseDescriptions = ResponseDescriptions,
> extends RouteDescription<M, P, Q, B, R> {
  /** Returns the result to send, or a complete response. A method, so that routes of all types fit into one list. */
  handler(
    request: RouteRequest<P, Q, B> & Extra,
    services: Services,
  ): Promise<Result<SuccessOf<R>> | Response> | Result<SuccessOf<R>> | Response;
}

/** The schema of a query or body that a route does not have. */
export type Absent = z.ZodUndefined;

/** The path of a route in the syntax of the router. */
export function routerPath({ path }: Pick<RouteDescription, "path">): string {
  return path.replace(/\{(\w+)\}/g, ":$1");
}

/** The status of an accepted result. */
export function successStatus({ responses }: Pick<RouteDescription, "responses">): number {
  return Number(Object.keys(responses)[0] ?? 200);
}

/** Registers a route with a validated request. @param read reads and checks the request. */
export function registerRoute<Extra, Services>(
  app: Hono<Env>,
  route: Route<Extra, Services>,
  services: Services,
  read: (c: Context<Env>) => Result<Omit<RouteRequest<string, z.ZodType, z.ZodType>, "c" | "params"> & Extra>,
  middleware: readonly MiddlewareHandler<Env>[] = [],
): void {
  const path = routerPath(route);
  const status = successStatus(route) as 200;
  app.on(route.method, [path], ...middleware, async (c) => {
    const request = read(c);
    if (!request.ok) return respondRefusal(c, request.refusal);
    const answer = await route.handler({ ...request.value, c, params: c.req.param() }, services);
    if (answer instanceof Response) return answer;
    return answer.ok ? respond(c, status, answer.value) : respondRefusal(c, answer.refusal);
  });
}
