/** One thing that is wrong with the operator's file. `message` is a whole sentence; `line` counts from 1. */
export interface OperatorFileError {
  readonly line: number;
  readonly message: string;
}

/** What a start prints before it stops: one line each, `sallyport.yaml:7: …`. */
export function formatOperatorFileErrors(fileName: string, errors: readonly OperatorFileError[]): string {
  return errors.map((error) => `${fileName}:${error.line}: ${error.message}`).join('\n');
}
