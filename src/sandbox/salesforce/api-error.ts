/** An answer that refuses a whole request: HTTP status and Salesforce's array of errors. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly errorCode: string,
    message: string,
    /** Present for errors of records alone. */
    readonly fields?: readonly string[],
  ) {
    super(message);
    this.name = 'ApiError';
  }

  body(): unknown {
    const error = { message: this.message, errorCode: this.errorCode };
    return [this.fields === undefined ? error : { ...error, fields: this.fields }];
  }
}

export const notFound = (): ApiError => new ApiError(404, 'NOT_FOUND', 'The requested resource does not exist');
