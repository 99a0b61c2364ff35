const LINE_END = /\r\n|\r|\n/;

/** The data of each whole event in a piece of an event stream, and the text that is not whole yet. */
export function readEvents(text: string): { readonly data: readonly string[]; readonly rest: string } {
  const lines = text.split(LINE_END);
  const data: string[] = [];
  let event: string[] = [];
  let consumed = 0;
  lines.slice(0, -1).forEach((line, index) => {
    if (line !== '') return void event.push(line);
    if (event.length > 0) data.push(dataOf(event));
    event = [];
    consumed = index + 1;
  });
  return { data, rest: lines.slice(consumed).join('\n') };
}

function dataOf(event: readonly string[]): string {
  const fields = event.filter((line) => line.startsWith('data:'));
  return fields.map((line) => line.slice(line[5] === ' ' ? 6 : 5)).join('\n');
}
