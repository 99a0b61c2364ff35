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
      return key === 'jsonrpc' || key === 'id' || key === 'method' || key === 'result' || key === 'error' || key === 'params' ? SLOTS[key] : NO_SLOT;
    case SECTIONS.result:
      return key === 'isError' || key === 'resultType' ? SLOTS[key] : NO_SLOT;
    case SECTIONS.error:
      return key === 'code' ? SLOTS.code : NO_SLOT;
    case SECTIONS.params:
      return key === 'progressToken' ? SLOTS.progressToken : NO_SLOT;
  }
}
