import { isJsonObject, type JsonObject } from '@sallyport/kernel';
import { readJson } from '@sallyport/mcp-protocol';

const NOTHING: JsonObject = {};

/** What a `subscriptions/listen` asks to hear of. */
export interface ListenedFor {
  readonly toolsListChanged: boolean;
  /** Of tasks, whose ends come with their answers. */
  readonly tasks: boolean;
}

/** Reads `params.notifications` of a `subscriptions/listen`. Tasks count as asked for wherever the request names `taskIds`, in whatever form. */
export function listenedFor(body: Buffer): ListenedFor {
  const read = readJson(body);
  const params = objectIn(read.ok && isJsonObject(read.value) ? read.value['params'] : undefined);
  const wanted = objectIn(params['notifications']);
  return { toolsListChanged: wanted['toolsListChanged'] === true, tasks: 'taskIds' in wanted || 'taskIds' in params };
}

function objectIn(value: unknown): JsonObject {
  return isJsonObject(value) ? value : NOTHING;
}
