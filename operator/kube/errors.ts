import type { Status, StatusCause } from './types.ts';

/** The call that failed, as text for messages: `DELETE /api/v1/namespaces/a/pods/b`. */
type Call = string;

/** Any call that did not end with an answer of 2xx. `code` is the HTTP status, 0 where no answer came. */
export class ApiError extends Error {
  override readonly name: string = 'ApiError';
  readonly code: number;
  readonly call: Call;
  /** Machine-readable reason of the Status body, e.g. `AlreadyExists`; '' if there was none. */
  readonly reason: string;
  readonly causes: readonly StatusCause[];
  /** Milliseconds that the server asked to wait; undefined if it did not. */
  readonly retryAfter: number | undefined;

  constructor(call: Call, code: number, status: Partial<Status> = {}, options: ApiErrorOptions = {}) {
    super(`${call}: ${status.message ?? `HTTP ${code}`}`, { cause: options.cause });
    this.call = call;
    this.code = code;
    this.reason = status.reason ?? '';
    this.causes = status.details?.causes ?? [];
    this.retryAfter = options.retryAfter ?? secondsToMs(status.details?.retryAfterSeconds);
  }
}
type ApiErrorOptions = { cause?: unknown; retryAfter?: number | undefined };

/** 400 other than a refused field, e.g. a body that is not JSON. */
export class BadRequestError extends ApiError {
  override readonly name = 'BadRequestError';
}
/** 401: the credentials were refused, even after they were read anew. */
export class UnauthorizedError extends ApiError {
  override readonly name = 'UnauthorizedError';
}
/** 403: RBAC, an admission policy, or a ResourceQuota. `reason` is always `Forbidden`; only the message tells which. */
export class ForbiddenError extends ApiError {
  override readonly name: string = 'ForbiddenError';
}
/**
 * 403 by RBAC: the roles of this process do not allow the call, whatever the object. It may pass by itself: an API server
 * that has just started answers before it has read the roles.
 */
export class DeniedError extends ForbiddenError {
  override readonly name = 'DeniedError';
}
/** 404. */
export class NotFoundError extends ApiError {
  override readonly name = 'NotFoundError';
}
/** 409: the object changed, a precondition failed, or fields belong to another manager (`causes`). */
export class ConflictError extends ApiError {
  override readonly name = 'ConflictError';
}
/** 409 on create. Success only if what exists is really ours: compare the owner's UID. */
export class AlreadyExistsError extends ApiError {
  override readonly name = 'AlreadyExistsError';
}
/** 410: the resourceVersion or the continue token is too old. */
export class GoneError extends ApiError {
  override readonly name = 'GoneError';
}
/** 422: the object was refused; `causes` names the fields. Trying again without a change is useless. */
export class InvalidError extends ApiError {
  override readonly name = 'InvalidError';
}
/** 429, after the client has waited as often as it may. */
export class ThrottledError extends ApiError {
  override readonly name = 'ThrottledError';
}
/** 5xx. Whether a write happened is unknown. */
export class ServerError extends ApiError {
  override readonly name = 'ServerError';
}
/** No answer in time. Whether a write happened is unknown. */
export class TimeoutError extends ApiError {
  override readonly name = 'TimeoutError';
}
/** An open watch without a byte, not even a bookmark, for too long. */
export class SilenceError extends ApiError {
  override readonly name = 'SilenceError';
}
/** Connection refused, reset, or a body that ended early. Whether a write happened is unknown. */
export class NetworkError extends ApiError {
  override readonly name = 'NetworkError';
}
/** A write was held back because this process may not write now: it is not, or no longer, the leader. Nothing was sent. */
export class NotLeaderError extends Error {
  override readonly name = 'NotLeaderError';
}

/** Whether the API server will not take the object as it is, or not from us: the same write would be refused again. */
export function isRefusal(error: unknown): boolean {
  return error instanceof BadRequestError || error instanceof ForbiddenError || error instanceof InvalidError;
}

/** The typed error for an answer of the API server. `body` may be anything: proxies answer with HTML. */
export function errorFromAnswer(call: Call, code: number, body: unknown, retryAfter?: number): ApiError {
  const status: Partial<Status> = isStatus(body)
    ? body
    : typeof body === 'string' && body !== ''
      ? { message: body.slice(0, 1024) }
      : {};
  const options: ApiErrorOptions = retryAfter === undefined ? {} : { retryAfter };
  switch (code) {
    case 400:
      return new BadRequestError(call, code, status, options);
    case 401:
      return new UnauthorizedError(call, code, status, options);
    case 403:
      return new (isDenial(status) ? DeniedError : ForbiddenError)(call, code, status, options);
    case 404:
      return new NotFoundError(call, code, status, options);
    case 409:
      return status.reason === 'AlreadyExists'
        ? new AlreadyExistsError(call, code, status, options)
        : new ConflictError(call, code, status, options);
    case 410:
      return new GoneError(call, code, status, options);
    case 422:
      return new InvalidError(call, code, status, options);
    case 429:
      return new ThrottledError(call, code, status, options);
    default:
      return code >= 500 ? new ServerError(call, code, status, options) : new ApiError(call, code, status, options);
  }
}

/** As the API server's authorization filter words it. */
const isDenial = ({ message = '' }: Partial<Status>): boolean =>
  /\bUser "[^"]*" cannot [a-z]+ (?:resource|path) /.test(message);

export function isStatus(body: unknown): body is Status {
  return typeof body === 'object' && body !== null && 'kind' in body && body.kind === 'Status';
}

/** `error` as text for a log line or an event, whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function secondsToMs(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : seconds * 1000;
}
