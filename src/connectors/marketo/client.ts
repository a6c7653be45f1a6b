import { setMaxListeners } from 'node:events';
import { z } from 'zod';
import type { MarketoSettings } from '../../domain/connection';
import type { ConnectorDeps } from '../connector-deps';
import type { ConnectorError } from '../connector-error';
import { type Guarded, ownQuotaNotes, QuotaGate } from '../quota-gate';
import { DailyShare, type Usage } from './daily-share';
import { type CallNature, responseError, statusError, unreadableAnswer, type VendorError } from './errors';
import { type HttpAnswer, HttpTransport } from './http';
import { parseJson, TokenSource, type Verdict } from './token';
import { DEFAULT_TUNING, type MarketoTuning } from './tuning';

const envelope = z.object({
  requestId: z.string().optional(),
  success: z.boolean(),
  errors: z.array(z.object({ code: z.coerce.string(), message: z.string().default('') })).optional(),
  result: z.array(z.unknown()).default([]),
  nextPageToken: z.string().optional(),
  moreResult: z.boolean().optional(),
});
type Envelope = z.output<typeof envelope>;

/** Calls of a day unless the contract says more (Marketo developer guide, "API limits"). */
const DAILY_CALLS = 50_000;
/** They are used up, by all integrations together. */
const DAILY_CALLS_USED = '607';

/** Calls of 20 seconds, and calls at once, are used up. */
const CALLS_IN_WINDOW_USED = '606';
const CALLS_AT_ONCE_USED = '615';
const isForShort = ({ code }: VendorError): boolean => code === CALLS_IN_WINDOW_USED || code === CALLS_AT_ONCE_USED;

export interface MarketoCall {
  /** For messages, after "asked to": "read people". */
  what: string;
  /** From `/rest` or `/bulk` on. */
  path: string;
  method?: 'GET' | 'POST';
  /** Sent in the address; for long ones use `form`. */
  query?: Readonly<Record<string, string>>;
  /** A GET whose parameters may exceed the 8 KB of an address: sent as a POST with `_method=GET` (Marketo developer guide). */
  form?: Readonly<Record<string, string>>;
  /** JSON, as text: its size decides what can be sent at once. */
  json?: string;
  /** It changes records: then it is sent once, and an unknown effect is told. */
  isWrite?: boolean;
}

/** The items of an answer, with the means to get more of them. */
export interface Items<Item> {
  items: Item[];
  nextPageToken: string | undefined;
  /** Tells of another page where paging goes by date; missing or wrong where it goes by position. */
  moreResult: boolean;
}

/** A part of a file; null when the file is not, or no longer, there. */
export type FilePart = { body: Buffer; fileBytes: number } | null;

type Refusal = { error: VendorError; requestId: string | null };
type Outcome<Answer> = { answer: Answer } | Refusal;

/** All calls to one Marketo instance: token, rate limit, share of the day, envelope, errors. */
export class MarketoClient {
  private readonly http: HttpTransport;
  private readonly tokens: TokenSource;
  private readonly share: DailyShare;
  private readonly quota: QuotaGate;
  /** How far Marketo's clock is ahead of ours; null before its first answer. */
  private clockAheadMs: number | null = null;

  constructor(
    readonly settings: MarketoSettings,
    readonly deps: ConnectorDeps,
    readonly tuning: MarketoTuning = DEFAULT_TUNING,
  ) {
    this.http = new HttpTransport(deps.watch, deps.lookup);
    this.tokens = new TokenSource(this.http, settings, deps, tuning);
    const most = Math.floor(this.dailyCalls * settings.quotaShare);
    this.share = new DailyShare(most, deps.now, () => this.usage(new AbortController().signal));
    this.quota = new QuotaGate({
      now: deps.now,
      notes: deps.quota ?? ownQuotaNotes(),
      share: settings.quotaShare,
      // that of exports is another one
      isOfAllCalls: ({ code }) => code === DAILY_CALLS_USED,
      backAt: Date.parse,
    });
  }

  /** All calls that the instance has a day. */
  get dailyCalls(): number {
    return this.settings.dailyQuota ?? DAILY_CALLS;
  }

  /** Signs in once although it was refused a moment ago: a person asks for it. */
  beginAnew(): void {
    this.tokens.forgetRefusal();
  }

  /** A moment of our clock as Marketo's own shows it, by the `Date` of its last answer. Milliseconds since 1970. */
  async vendorTime(ourMs: number, signal: AbortSignal): Promise<number> {
    if (this.clockAheadMs === null) await this.usage(signal);
    return ourMs + (this.clockAheadMs ?? 0);
  }

  /**
   * Makes a call whose answer is Marketo's envelope.
   * @throws ConnectorError for `success: false`, and for everything that is no envelope of such items
   */
  async list<Item>(request: MarketoCall, item: z.ZodType<Item>, signal: AbortSignal): Promise<Items<Item>> {
    const nature = natureOf(request);
    const answer = await this.counted(nature, signal, (guarded) =>
      this.once(request, signal, (received) => this.readEnvelope(received, nature), guarded),
    );
    const items = z.array(item).safeParse(answer.result);
    if (!items.success) throw unreadableAnswer('its result has an unknown shape', nature);
    return {
      items: items.data,
      nextPageToken: answer.nextPageToken || undefined,
      moreResult: answer.moreResult ?? false,
    };
  }

  /** Reads bytes of a file, both ends included. @returns null when it is not (any more) there */
  async filePart(path: string, range: { from: number; to: number }, signal: AbortSignal): Promise<FilePart> {
    const request = { what: 'read the file of an export', path, range };
    return this.counted(natureOf(request), signal, (guarded) =>
      this.once(request, signal, (received) => this.readFile(received, range), guarded),
    );
  }

  /** The day's calls so far. It needs no permission. */
  async usage(signal: AbortSignal): Promise<Usage> {
    const request = { what: 'read the usage', path: '/rest/v1/stats/usage.json' };
    const nature = natureOf(request);
    const answer = await this.patiently(nature, signal, () =>
      this.once(request, signal, (received) => this.readEnvelope(received, nature)),
    );
    const days = z.array(usageDay).safeParse(answer.result);
    if (!days.success) throw unreadableAnswer('its result has an unknown shape', nature);
    const [today] = days.data;
    const ours = today?.users.find(({ userId }) => userId === this.tokens.user);
    this.deps.quota?.noteUsage?.({ used: today?.total ?? 0, limit: this.dailyCalls });
    return { total: today?.total ?? 0, byUs: ours?.count ?? (this.tokens.user === null ? (today?.total ?? 0) : 0) };
  }

  /** Makes a call that counts among those of the day. */
  private counted<Answer>(
    nature: CallNature,
    signal: AbortSignal,
    call: (guarded: Guarded) => Promise<Outcome<Answer>>,
  ): Promise<Answer> {
    return this.quota.pass(signal, (guarded) =>
      this.patiently(nature, signal, async () => {
        await this.share.count();
        return call(guarded);
      }),
    );
  }

  /** Repeats what was refused for a limit that others use too: such a call had no effect. */
  private async patiently<Answer>(
    nature: CallNature,
    signal: AbortSignal,
    attempt: () => Promise<Outcome<Answer>>,
  ): Promise<Answer> {
    const { rateWaitsMs, concurrencyWaitMs } = this.tuning;
    for (let waits = 0; ; waits += 1) {
      signal.throwIfAborted();
      const outcome = await attempt();
      if ('answer' in outcome) return outcome.answer;
      const rateWaitMs = rateWaitsMs[waits];
      if (rateWaitMs === undefined) throw this.refusal(outcome, nature);
      const jitter = 0.5 + Math.random();
      if (outcome.error.code === CALLS_IN_WINDOW_USED) this.deps.rateLimit.pauseFor(rateWaitMs, 'calls');
      else this.deps.rateLimit.pauseFor(concurrencyWaitMs * 2 ** waits * jitter, 'atOnce');
    }
  }

  private refusal({ error, requestId }: Refusal, nature: CallNature): ConnectorError {
    return responseError(error, nature, this.deps.now(), requestId);
  }

  /**
   * Sends a request once for each token that it takes.
   * @throws ConnectorError unless it is answered, or refused for a limit that is free again soon
   */
  private async once<Answer>(
    request: MarketoCall & { range?: { from: number; to: number } },
    signal: AbortSignal,
    read: (answer: HttpAnswer) => Outcome<Answer>,
    guarded: Guarded = (send) => send(),
  ): Promise<Outcome<Answer>> {
    const url = this.addressOf(request);
    this.deps.checkUrl(url);
    // all calls of a run share one signal, and many of them wait at once
    setMaxListeners(0, signal);
    const release = await this.deps.rateLimit.take(signal, natureOf(request));
    try {
      return await guarded(async () => {
        // the token is taken after the permit, which may be long in coming
        const outcome = await this.tokens.use(signal, async (token) => {
          const answer = read(
            await this.http.send({ ...natureOf(request), ...this.wire(request, token), url }, signal),
          );
          return { verdict: verdictOf(answer), answer };
        });
        if ('error' in outcome && !isForShort(outcome.error)) throw this.refusal(outcome, natureOf(request));
        return outcome;
      });
    } finally {
      release();
    }
  }

  private addressOf({ path, query, form }: MarketoCall): string {
    const parameters = new URLSearchParams({ ...query, ...(form ? { _method: 'GET' } : {}) }).toString();
    return `${this.settings.baseUrl}${path}${parameters === '' ? '' : `?${parameters}`}`;
  }

  private wire({ method, form, json, range }: MarketoCall & { range?: { from: number; to: number } }, token: string) {
    const headers: Record<string, string> = { Authorization: `Bearer ${token}`, Accept: 'application/json' };
    const body = form ? new URLSearchParams(form).toString() : json;
    if (form) headers['Content-Type'] = 'application/x-www-form-urlencoded';
    else if (json !== undefined) headers['Content-Type'] = 'application/json';
    if (range) {
      headers.Range = `bytes=${range.from}-${range.to}`;
      headers.Accept = '*/*';
      headers['Accept-Encoding'] = 'identity';
    } else headers['Accept-Encoding'] = 'gzip, deflate';
    return {
      method: method ?? (body === undefined ? ('GET' as const) : ('POST' as const)),
      headers,
      ...(body === undefined ? {} : { body }),
      mostMs: range ? this.tuning.fileMs : this.tuning.callMs,
    };
  }

  private readEnvelope(answer: HttpAnswer, nature: CallNature): Outcome<Envelope> {
    if (answer.status !== 200) throw statusError(answer.status, nature, this.deps.now());
    const parsed = envelope.safeParse(parseJson(answer.body));
    if (!parsed.success) throw unreadableAnswer('it is no answer of the API', nature);
    if (parsed.data.success) {
      this.noteClock(answer);
      return { answer: parsed.data };
    }
    const [error] = parsed.data.errors ?? [];
    if (!error) throw unreadableAnswer('it names no error', nature);
    this.deps.watch?.refused(error.code);
    return { error, requestId: parsed.data.requestId ?? null };
  }

  private readFile(answer: HttpAnswer, range: { from: number; to: number }): Outcome<FilePart> {
    const nature = { what: 'read the file of an export', isWrite: false };
    const { status, body } = answer;
    if (status === 404) return { answer: null };
    if (status === 200 && (answer.header('content-type') ?? '').includes('json')) {
      const refused = this.readEnvelope(answer, nature);
      if ('error' in refused) return refused;
      throw unreadableAnswer('it is no file', nature);
    }
    if (status === 200) {
      return { answer: { body: body.subarray(range.from, range.to + 1), fileBytes: body.length } };
    }
    if (status !== 206) throw statusError(status, nature, this.deps.now());
    const [, from, to, whole] = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(answer.header('content-range') ?? '') ?? [];
    if (Number(from) !== range.from || whole === undefined) throw unreadableAnswer('it is another part', nature);
    // an answer that ends early in an orderly way is nobody's error but ours to find
    if (body.length !== Number(to) - range.from + 1) throw unreadableAnswer('it is cut', nature);
    return { answer: { body, fileBytes: Number(whole) } };
  }

  private noteClock(answer: HttpAnswer): void {
    const vendorMs = Date.parse(answer.header('date') ?? '');
    // the header knows whole seconds, so less than one is no difference
    const aheadMs = vendorMs - this.deps.now();
    if (!Number.isNaN(aheadMs)) this.clockAheadMs = Math.abs(aheadMs) < 1_500 ? 0 : aheadMs;
  }
}

const usageDay = z.object({
  total: z.number(),
  users: z.array(z.object({ userId: z.string(), count: z.number() })).default([]),
});

const natureOf = ({ what, isWrite }: MarketoCall): CallNature => ({ what, isWrite: isWrite ?? false });

const verdictOf = (outcome: Outcome<unknown>): Verdict => {
  if ('answer' in outcome) return outcome.answer === null ? 'unknown' : 'accepted';
  return outcome.error.code === '601' || outcome.error.code === '602' ? 'refused' : 'accepted';
};
