/** A wish to the control API that the org cannot fulfil as it is. */
export class ControlRefusal extends Error {
  override name = 'ControlRefusal';

  /** @param status 404 for what is not there, 409 for what contradicts the state of the org */
  constructor(
    readonly status: 404 | 409,
    message: string,
  ) {
    super(message);
  }
}
