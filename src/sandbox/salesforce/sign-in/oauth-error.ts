/** A refusal of the token endpoint (help, "OAuth 2.0 Authorization Errors"). */
export class OAuthError extends Error {
  override name = 'OAuthError';

  /** @param code `error` of the answer; the message is its `error_description` */
  constructor(
    readonly code: string,
    description: string,
  ) {
    super(description);
  }

  body(): { error: string; error_description: string } {
    return { error: this.code, error_description: this.message };
  }
}

/** Wrong user or password, a flow that is switched off, a user who may not sign in. */
export const authenticationFailure = (): OAuthError => new OAuthError('invalid_grant', 'authentication failure');

/** @throws OAuthError when the form lacks it */
export function requiredParameter(form: URLSearchParams, name: string): string {
  const value = form.get(name);
  if (value === null || value === '') throw new OAuthError('invalid_request', `missing required parameter: ${name}`);
  return value;
}
