import { isJsonObject, type JsonObject } from '@sallyport/kernel';

/** The JSON-RPC response to one request of ours. */
export interface RpcAnswer {
  readonly bytes: Buffer;
  /** Parsed for looking at; numbers are rounded. */
  readonly value: JsonObject;
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Reads a message if it is the response with our id: exactly one JSON-RPC object in valid UTF-8. */
export function readAnswer(bytes: Buffer, id: number): RpcAnswer | undefined {
  try {
    const value: unknown = JSON.parse(utf8.decode(bytes));
    const isOurs = isJsonObject(value) && value['jsonrpc'] === '2.0' && value['id'] === id && value['method'] === undefined;
    return isOurs ? { bytes, value } : undefined;
  } catch {
    return undefined;
  }
}

/** The answer's result when it is an object; undefined for errors. */
export function resultOf(answer: RpcAnswer): JsonObject | undefined {
  const result = answer.value['result'];
  return isJsonObject(result) ? result : undefined;
}
