import { z } from 'zod';
import type { Clock } from './core';

const cutPlaces = ['letter', 'row', 'insideRow', 'quotedField'] as const;
export type CutPlace = (typeof cutPlaces)[number];

/** What a fault does to a request. Milliseconds of waiting are real; instants and `late` go by the sandbox's clock. */
export const faultActionSchema = z.discriminatedUnion('type', [
  z.strictObject({
    /** Answers with this instead of the vendor. */
    type: z.literal('respond'),
    status: z.number().int().min(200).max(599),
    headers: z.record(z.string(), z.string()).default({}),
    /** Text is sent as it is, anything else as JSON; absent: an empty body. */
    body: z.unknown().optional(),
    /** When true, the request takes effect first, and its own answer is thrown away. */
    afterEffect: z.boolean().default(false),
  }),
  z.strictObject({
    /** Answers with an error in the vendor's own shape. */
    type: z.literal('vendorError'),
    code: z.union([z.string().min(1), z.number()]).transform(String),
    message: z.string().optional(),
    status: z.number().int().min(200).max(599).optional(),
    /** Seconds for a `Retry-After` header. */
    retryAfter: z.number().int().min(0).optional(),
    afterEffect: z.boolean().default(false),
  }),
  /** Cuts the connection before anything happens. */
  z.strictObject({ type: z.literal('resetBefore') }),
  /** Lets the request take effect, then cuts the connection instead of answering: the lost answer. */
  z.strictObject({ type: z.literal('resetAfter') }),
  /** Cuts the connection now; the request takes effect so many milliseconds later. */
  z.strictObject({ type: z.literal('late'), afterMs: z.number().int().min(0) }),
  /** Lets only the first so many records of the request's list take effect, then answers with an error. */
  z.strictObject({
    type: z.literal('partial'),
    records: z.number().int().min(0),
    status: z.number().int().min(200).max(599).default(500),
    body: z.unknown().optional(),
  }),
  /** Waits before the request is looked at; it goes on undisturbed. */
  z.strictObject({
    type: z.literal('delay'),
    ms: z.number().int().min(0),
    jitterMs: z.number().int().min(0).default(0),
  }),
  /** Sends the answer's body drop by drop. */
  z.strictObject({ type: z.literal('slowBody'), bytesPerSecond: z.number().int().min(1) }),
  /** Sends a part of the answer's body. `reset` cuts the connection then, `clean` ends as if that were all. */
  z.strictObject({
    type: z.literal('cutBody'),
    at: z.enum(cutPlaces).default('letter'),
    ending: z.enum(['reset', 'clean']).default('reset'),
  }),
  /** Takes the request and never answers. */
  z.strictObject({ type: z.literal('hang') }),
  /** Ends every access token, then lets the request go on. */
  z.strictObject({ type: z.literal('expireTokens') }),
  /** Nobody listens on the instance's ports while this fault is there; open connections are cut. */
  z.strictObject({ type: z.literal('outage') }),
]);
export type FaultAction = z.output<typeof faultActionSchema>;

export const faultSchema = z.strictObject({
  /** For people. */
  label: z.string().max(200).optional(),
  match: z
    .strictObject({
      method: z
        .string()
        .transform((method) => method.toUpperCase())
        .optional(),
      /** The path; `*` stands for any run of characters. With a `?` in it, path and query (decoded) are compared. */
      path: z.string().min(1).optional(),
      /** Only requests whose body holds this text. */
      bodyContains: z.string().min(1).optional(),
    })
    .prefault({}),
  /** Acts from the nth matching request on (1 = the first). Without `count`, on that one alone. */
  nth: z.number().int().min(1).optional(),
  /** Acts on each nth matching request. */
  every: z.number().int().min(1).optional(),
  /** Acts so many times at most. */
  count: z.number().int().min(1).optional(),
  /** Acts by chance, from 0 to 1, by the sandbox's seed. */
  chance: z.number().min(0).max(1).optional(),
  /** Acts from and until these instants of the sandbox's clock. */
  fromAt: z.iso.datetime({ offset: true }).optional(),
  untilAt: z.iso.datetime({ offset: true }).optional(),
  /** Short for `untilAt`: so many milliseconds from now. */
  forMs: z.number().int().min(1).optional(),
  action: faultActionSchema,
});
/** A fault as it is asked for: everything but `action` may be left out. */
export type FaultInput = z.input<typeof faultSchema>;
export type FaultDefinition = z.output<typeof faultSchema>;

export interface Fault extends FaultDefinition {
  id: string;
  /** Matching requests so far. */
  seen: number;
  /** How often it has acted. */
  acted: number;
}

export interface FaultRequest {
  method: string;
  /** Path with query, as sent. */
  url: string;
  /** Read only when a fault asks for it. */
  body?: string | undefined;
}

export interface FaultSet {
  /** @throws ZodError when the definition is not one */
  add(input: FaultInput): Fault;
  remove(id: string): boolean;
  clear(): void;
  list(): Fault[];
  /** True when a fault can only be judged with the request's body at hand. */
  needsBody(request: FaultRequest): boolean;
  /** The actions that this request meets, in the order in which the faults were added; counts them. */
  take(request: FaultRequest): FaultAction[];
  isOutage(): boolean;
}

/**
 * The faults of one instance.
 * @param onChange is called after each change of the set, and when the clock reaches a fault's beginning or end
 * @param initial faults to begin with, from an earlier run
 */
export function createFaultSet(
  clock: Clock,
  random: () => number,
  onChange: () => void,
  initial: readonly Fault[] = [],
): FaultSet {
  const faults = new Map<string, Fault>(initial.map((fault) => [fault.id, fault]));
  let lastId = initial.reduce((highest, fault) => Math.max(highest, Number(fault.id)), 0);
  const cancels = new Map<string, (() => void)[]>();

  const watch = (fault: Fault): void => {
    const instants = [fault.fromAt, fault.untilAt].filter((instant) => instant !== undefined);
    cancels.set(
      fault.id,
      instants.map((instant) => clock.at(Date.parse(instant), onChange)),
    );
  };
  const unwatch = (id: string): void => {
    for (const cancel of cancels.get(id) ?? []) cancel();
    cancels.delete(id);
  };
  for (const fault of faults.values()) watch(fault);

  const isInForce = (fault: Fault): boolean =>
    (fault.fromAt === undefined || clock.now() >= Date.parse(fault.fromAt)) &&
    (fault.untilAt === undefined || clock.now() < Date.parse(fault.untilAt));
  const isUsedUp = (fault: Fault): boolean => {
    const most = fault.count ?? (fault.nth === undefined ? undefined : 1);
    return most !== undefined && fault.acted >= most;
  };
  /** Counts a matching request, and tells whether the fault acts on it. */
  const acts = (fault: Fault): boolean => {
    fault.seen += 1;
    if (isUsedUp(fault)) return false;
    if (fault.nth !== undefined && fault.seen < fault.nth) return false;
    if (fault.every !== undefined && fault.seen % fault.every !== 0) return false;
    if (fault.chance !== undefined && random() >= fault.chance) return false;
    fault.acted += 1;
    return true;
  };

  return {
    add(input) {
      const { forMs, ...definition } = faultSchema.parse(input);
      lastId += 1;
      const fault: Fault = { ...definition, id: String(lastId), seen: 0, acted: 0 };
      if (forMs !== undefined) fault.untilAt = new Date(clock.now() + forMs).toISOString();
      faults.set(fault.id, fault);
      watch(fault);
      onChange();
      return { ...fault };
    },
    remove(id) {
      unwatch(id);
      const existed = faults.delete(id);
      if (existed) onChange();
      return existed;
    },
    clear() {
      for (const id of faults.keys()) unwatch(id);
      faults.clear();
      onChange();
    },
    list: () => [...faults.values()].map((fault) => ({ ...fault })),
    needsBody(request) {
      for (const fault of faults.values())
        if (fault.match.bodyContains !== undefined && isInForce(fault) && matchesAddress(fault, request)) return true;
      return false;
    },
    take(request) {
      const actions: FaultAction[] = [];
      for (const fault of faults.values()) {
        if (fault.action.type === 'outage' || !isInForce(fault) || !matchesAddress(fault, request)) continue;
        const { bodyContains } = fault.match;
        if (bodyContains !== undefined && !(request.body ?? '').includes(bodyContains)) continue;
        if (acts(fault)) actions.push(fault.action);
      }
      if (actions.length > 0) onChange();
      return actions;
    },
    isOutage: () => [...faults.values()].some((fault) => fault.action.type === 'outage' && isInForce(fault)),
  };
}

function matchesAddress({ match }: Fault, { method, url }: FaultRequest): boolean {
  if (match.method !== undefined && match.method !== method) return false;
  if (match.path === undefined) return true;
  const compared = match.path.includes('?') ? decoded(url) : url.split('?', 1)[0];
  return globToRegExp(match.path).test(compared ?? '');
}

function decoded(url: string): string {
  try {
    return decodeURIComponent(url.replaceAll('+', ' '));
  } catch {
    return url; // a malformed escape: compared as it was sent
  }
}

function globToRegExp(glob: string): RegExp {
  const escaped = glob.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*');
  return new RegExp(`^${escaped}$`, 's');
}
