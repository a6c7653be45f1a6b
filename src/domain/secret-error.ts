/** A stored secret cannot be opened: with none of the keys, or it was altered or moved. The message names no secret. */
export class SecretError extends Error {
  override readonly name = 'SecretError';
}
