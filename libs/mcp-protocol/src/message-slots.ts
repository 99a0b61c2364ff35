/** The objects whose members are followed: the message itself and three of its members. */
export const SECTIONS = { message: 0, result: 1, error: 2, params: 3 } as const;
export type Section = (typeof SECTIONS)[keyof typeof SECTIONS];

/** Members whose value is remembered. */
export const SLOTS = { jsonrpc: 0, id: 1, method: 2, result: 3, error: 4, params: 5, isError: 6, resultType: 7, code: 8, progressToken: 9 } as const;
/** No slot: the member's value is passed over. */
export const NO_SLOT = -1;

/** Where the value of `key` is remembered, or `NO_SLOT`. */
export function slotOf(section: Section, key: string): number {
  switch (section) {
    case SECTIONS.message:
      return messageSlotOf(key);
    case SECTIONS.result:
      if (key === 'isError') return SLOTS.isError;
      return key === 'resultType' ? SLOTS.resultType : NO_SLOT;
    case SECTIONS.error:
      return key === 'code' ? SLOTS.code : NO_SLOT;
    case SECTIONS.params:
      return key === 'progressToken' ? SLOTS.progressToken : NO_SLOT;
  }
}

function messageSlotOf(key: string): number {
  switch (key) {
    case 'jsonrpc':
      return SLOTS.jsonrpc;
    case 'id':
      return SLOTS.id;
    case 'result':
      return SLOTS.result;
    case 'method':
      return SLOTS.method;
    case 'params':
      return SLOTS.params;
    case 'error':
      return SLOTS.error;
    default:
      return NO_SLOT;
  }
}
