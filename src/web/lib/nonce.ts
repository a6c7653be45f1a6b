/** The number by which the page's policy knows the styles that are made in it; the server puts a new one into each page. */
export const cspNonce = (): string =>
  document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? '';
