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

/** Why one record was refused. In plain REST the code is called `errorCode`, in collections `statusCode`. */
export interface RecordError {
  statusCode: string;
  message: string;
  fields: string[];
  /** Duplicate rules tell more in plain REST. */
  duplicateResult?: unknown;
}

export function recordError(statusCode: string, message: string, fields: string[] = []): RecordError {
  return { statusCode, message, fields };
}

/** Codes of record errors that plain REST does not answer with 400 (REST guide, "Status Codes and Error Responses"). */
const STATUS_OF_CODE: Record<string, number> = {
  ENTITY_IS_DELETED: 404,
  NOT_FOUND: 404,
  INSUFFICIENT_ACCESS_OR_READONLY: 403,
};

export function statusOfRecordError(code: string): number {
  return STATUS_OF_CODE[code] ?? 400;
}

export const notFound = (): ApiError => new ApiError(404, 'NOT_FOUND', 'The requested resource does not exist');
