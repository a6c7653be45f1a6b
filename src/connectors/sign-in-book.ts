import { ConnectorError } from './connector-error';

/** A sign-in that is wanted. */
export interface WantedSignIn {
  /** A person asks for it: a refusal that was met a moment ago is no reason not to try. */
  isAsked: boolean;
  /** Whether a session that another process got will do. */
  isUsable(session: string): boolean;
}

/** The sign-ins of one connection. Where several processes use it, they sign in by turns, and share what one of them got. */
export interface SignInBook {
  /**
   * Signs in, unless a running session will do.
   * @param signIn gets the newest refresh token, or null where it is that of the settings; gives the session for others, or null
   * @returns the session of either
   * @throws ConnectorError that of `signIn`, or the one that was met before and still holds
   */
  inTurn(wanted: WantedSignIn, signIn: (refreshToken: string | null) => Promise<string | null>): Promise<string | null>;
  /** A call with the newest token was accepted. */
  accepted(): void;
  /** Fresh tokens were refused, one after the other. @returns what to throw */
  refused(error: ConnectorError): Promise<ConnectorError>;
}

interface OwnRules {
  now(): number;
  /** For so long a refused sign-in is not tried again. */
  refusalMs: number;
  /** Whether refused tokens count as a refused sign-in. */
  countsTokens: boolean;
}

/** The sign-ins of this process alone. */
export function ownSignIns({ now, refusalMs, countsTokens }: OwnRules): SignInBook {
  let refusal: { error: ConnectorError; untilMs: number } | null = null;
  const remember = (error: ConnectorError): ConnectorError => {
    if (error.advice.retry === 'never') refusal = { error, untilMs: now() + refusalMs };
    return error;
  };
  return {
    async inTurn({ isAsked }, signIn) {
      if (!isAsked && refusal && now() < refusal.untilMs) throw refusal.error;
      refusal = null;
      return signIn(null).catch((error: unknown) => {
        throw error instanceof ConnectorError ? remember(error) : error;
      });
    },
    accepted: () => undefined,
    refused: async (error) => (countsTokens ? remember(error) : error),
  };
}
