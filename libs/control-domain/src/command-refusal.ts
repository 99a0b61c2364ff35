/**
 * Why a command is refused: a stable code, and a JSON Pointer to the part of the command that is wrong, `''` for the whole.
 * The pointer is into the command's fields as the admin API names them.
 */
export interface CommandRefusal<Code extends string> {
  readonly code: Code;
  readonly pointer: string;
}
