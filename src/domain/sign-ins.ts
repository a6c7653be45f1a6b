/** A sign-in that was refused, or whose fresh token was. */
interface Refusal {
  code: string;
  message: string;
  /** Milliseconds since 1970. */
  atMs: number;
}

/** What is known of the sign-ins of a connection, over all processes. */
export interface SignIns {
  /** When it signed in and no call has shown yet that the token is good. A call that does forgets them all. */
  unprovenAtMs: number[];
  refusal: Refusal | null;
  /** Who signs in just now; until when, by the database's clock. */
  turn: { owner: string; untilMs: number } | null;
}

export const NO_SIGN_INS: SignIns = { unprovenAtMs: [], refusal: null, turn: null };

/**
 * So many sign-ins a day may come to nothing before only a person's change of the settings lets it try again. Systems lock an account
 * after a few more (Salesforce: 3, 5 or 10 within a quarter of an hour or longer, as its administrator chose).
 */
const MOST_UNPROVEN = 3;
const DAY_MS = 24 * 3_600_000;
/** For so long a refusal holds for all who would sign in. A person who tests the connection does not wait for that. */
const REFUSAL_MS = 15 * 60_000;

/** What a sign-in may do now. */
export type Admission =
  | { may: true }
  | { may: false; refusal: Refusal; triedMost: boolean; againAtMs: number }
  /** Others have signed in so often just now, and nobody knows yet whether their tokens are good. */
  | { may: false; refusal: null };

/**
 * Decides whether a connection may sign in, so that no account is locked by it.
 * @param isAsked a person asks for it: a refusal that was met a moment ago is no reason to wait, the day's number is
 */
export function admitSignIn({ unprovenAtMs, refusal }: SignIns, isAsked: boolean, nowMs: number): Admission {
  const ofDay = unprovenAtMs.filter((atMs) => atMs > nowMs - DAY_MS);
  const triedMost = ofDay.length >= MOST_UNPROVEN;
  if (refusal && triedMost) {
    return { may: false, refusal, triedMost, againAtMs: (ofDay.at(-MOST_UNPROVEN) ?? nowMs) + DAY_MS };
  }
  if (triedMost) return { may: false, refusal: null };
  if (refusal && !isAsked && nowMs < refusal.atMs + REFUSAL_MS) {
    return { may: false, refusal, triedMost, againAtMs: refusal.atMs + REFUSAL_MS };
  }
  return { may: true };
}

/** A sign-in begins; it counts until a call shows that its token is good, or it turns out that nobody refused it. */
export const begun = (signIns: SignIns, nowMs: number): SignIns => ({
  ...signIns,
  unprovenAtMs: [...signIns.unprovenAtMs.filter((atMs) => atMs > nowMs - DAY_MS), nowMs],
});

/** The system did not decide on the sign-in that began last: it could not be reached, or is down. */
export const undecided = (signIns: SignIns): SignIns => ({
  ...signIns,
  unprovenAtMs: signIns.unprovenAtMs.slice(0, -1),
});

/** A call was accepted: whatever was refused before is mended. */
export const proven = (signIns: SignIns): SignIns => ({ ...signIns, unprovenAtMs: [], refusal: null });

export const refused = (signIns: SignIns, error: { code: string; message: string }, nowMs: number): SignIns => ({
  ...signIns,
  refusal: { code: error.code, message: error.message, atMs: nowMs },
});
