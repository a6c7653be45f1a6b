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
