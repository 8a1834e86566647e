import type { Dispatcher } from 'undici';
import { NotLeaderError } from './errors.ts';

/**
 * Asks `mayWrite` at the last moment: when a connection is ready and the request is about to go out. A request may have waited
 * for that long after its caller was allowed to write, e.g. while the process was stopped.
 */
export function guardWrites(mayWrite: () => boolean): Dispatcher.DispatcherComposeInterceptor {
  return (dispatch) => (options, handler) =>
    dispatch(options, {
      onRequestStart(controller, context) {
        if (mayWrite()) handler.onRequestStart?.(controller, context);
        else controller.abort(new NotLeaderError(`${options.method} ${options.path}: not the leader`));
      },
      onRequestUpgrade: (...answer) => handler.onRequestUpgrade?.(...answer),
      onResponseStart: (...answer) => handler.onResponseStart?.(...answer),
      onResponseData: (...answer) => handler.onResponseData?.(...answer),
      onResponseEnd: (...answer) => handler.onResponseEnd?.(...answer),
      onResponseError: (...answer) => handler.onResponseError?.(...answer),
    });
}
