import type { ServerRefusalCode } from '@sallyport/control-domain';
import type { InspectionRefusal } from '@sallyport/upstream';

import type { Refusal } from '../../platform/commands/refusal.js';
import type { RefusalSentences } from '../../platform/commands/refusal-at.js';

/** What a person reads when a server is not registered or changed. */
export const serverRefusals: RefusalSentences<ServerRefusalCode> = {
  'server.unknown': 'There is no such server.',
  'server.tool_unknown': 'The server lists no such tool.',
  'server.exists': 'This server was registered before.',
  'server.slug_invalid': 'A slug has 1 to 63 characters of a-z, 0-9 and "-", and neither begins nor ends with "-".',
  'server.slug_taken': 'Another server has this slug.',
  stdio_from_file_only: "A server that is a process is named, with its command and environment, in the operator's file sallyport.yaml, and nowhere else.",
  'server.url_invalid': 'The address is an absolute http or https URL in ASCII of at most 2,048 characters, without user name, password or fragment.',
  'server.timeout_invalid': 'The time limit is between PT1S and PT1H, in whole milliseconds.',
  'server.header_name_invalid': 'This is not a header name.',
  'server.header_reserved': 'This header belongs to the connection or to the MCP transport, and is set by Sallyport itself.',
  'server.header_repeated': 'This header is given twice.',
  'server.headers_too_many': 'A server has at most 32 headers.',
  'server.header_unknown': 'The server has no header of this name.',
  'server.headers_bound_to_origin': 'The new address has another origin. Give every header again, or remove it: secrets stay with the origin they were given for.',
};

/** A header's value that cannot be sent. */
export function headerValueRefusal(pointer: string): Refusal {
  return { code: 'server.header_value_invalid', message: 'A header value has 1 to 8,192 visible ASCII characters, with spaces and tabs inside only.', pointer };
}

/** An address that the egress guard does not let through. */
export function egressRefusal(message: string): Refusal {
  return { code: 'server.url_not_allowed', message, pointer: '/url' };
}

const UNREACHABLE: readonly InspectionRefusal['code'][] = ['refused', 'tls', 'timeout', 'reset', 'not_started'];

/** A server whose tools could not be listed: not reached, or reached and of no use. */
export function listingRefusal({ code, message }: InspectionRefusal): Refusal {
  if (code === 'egress') return egressRefusal(message);
  if (code === 'unauthorised') return { code: 'server.cannot_list', message, pointer: '/headers' };
  return { code: UNREACHABLE.includes(code) ? 'server.unreachable' : 'server.cannot_list', message, pointer: '/url' };
}
