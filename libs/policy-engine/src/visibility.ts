/** A test of tool names. */
export type NameTest = (name: string) => boolean;

/** Prepares a `hide` list: exact names, and globs in which `*` stands for any run of characters, none included. */
export function compileHide(hide: readonly string[]): NameTest {
  const names = new Set(hide.filter((entry) => !isGlob(entry)));
  const globs = hide.filter(isGlob).map(compileGlob);
  return (name) => names.has(name) || globs.some((matches) => matches(name));
}

/** Whether an entry of `hide` is a glob. */
export function isGlob(entry: string): boolean {
  return entry.includes('*');
}

/** Prepares one glob. Takes time linear in the name for each `*`: the first place where a part fits is as good as any later one. */
export function compileGlob(glob: string): NameTest {
  const parts = glob.split('*');
  const head = parts.shift() ?? '';
  const tail = parts.pop();
  if (tail === undefined) return (name) => name === head;
  return (name) => {
    if (name.length < head.length + tail.length || !name.startsWith(head) || !name.endsWith(tail)) return false;
    let from = head.length;
    const end = name.length - tail.length;
    for (const part of parts) {
      const at = name.indexOf(part, from);
      if (at < 0 || at + part.length > end) return false;
      from = at + part.length;
    }
    return true;
  };
}
