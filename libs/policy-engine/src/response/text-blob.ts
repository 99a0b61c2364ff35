import { decodeBase64, encodeBase64 } from './base64.js';

const TEXTUAL = /^text\/|^message\/|[/+.-](?:json|jsonl|ndjson|json-seq|xml|ya?ml|toml|csv|html|markdown|javascript|ecmascript|typescript|sql|graphql|sh|shellscript|python|pem-file|x-pem-file|x-www-form-urlencoded)\s*(?:;|$)/i;
const UNSAID = /^(?:$|application\/octet-stream\s*(?:;|$)|binary\/octet-stream)/i;
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Bytes written as base64 that are text: what they say, and how to write another text in their place. */
export interface TextBlob {
  readonly text: string;
  write(text: string): string;
}

/** How a base64 member is read: as the text it holds, left alone as data, or as a text of its own because it is no base64. */
export type BlobReading = { readonly kind: 'text'; readonly blob: TextBlob } | { readonly kind: 'data' } | { readonly kind: 'plain' };

/**
 * Reads a base64 member by the media type beside it. Text of a textual type in another charset than UTF-8 is read byte by
 * byte, so that what is ASCII in it is seen. Where no type is said, valid UTF-8 without NUL is text.
 */
export function readBlob(value: string, mediaType: string): BlobReading {
  const isText = TEXTUAL.test(mediaType);
  const bytes = decodeBase64(value);
  if (bytes === undefined) return { kind: 'plain' };
  if (!isText && !UNSAID.test(mediaType)) return { kind: 'data' };
  const text = utf8(bytes);
  if (text !== undefined && (isText || !text.includes('\0'))) return { kind: 'text', blob: { text, write: (other) => encodeBase64(new TextEncoder().encode(other)) } };
  return isText ? { kind: 'text', blob: { text: byteText(bytes), write: (other) => encodeBase64(textBytes(other)) } } : { kind: 'data' };
}

function utf8(bytes: Uint8Array): string | undefined {
  try {
    return UTF8.decode(bytes);
  } catch {
    // Not UTF-8, which the caller asks about by this.
    return undefined;
  }
}

function byteText(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

function textBytes(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0) & 0xff);
}
