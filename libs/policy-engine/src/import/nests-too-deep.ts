const MAX_BRACKETS = 128;
const MAX_INDENT = 256;
const MAX_INDICATORS = 32;
const INDICATORS = /^[ \t]*(?:[-?:][ \t]+){33}/;
const INDENT = new RegExp(`^[ \\t]{${MAX_INDENT + 1}}`);

/**
 * Whether a YAML text may nest deeper than its composer can follow, seen without composing it: the composer recurses, and
 * running out of stack inside it can end the process. Brackets in texts count too, so a text with more than 128 that are not
 * closed is taken for a deep one.
 */
export function nestsTooDeep(text: string): boolean {
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 0x5b || code === 0x7b) depth += 1;
    else if ((code === 0x5d || code === 0x7d) && depth > 0) depth -= 1;
    if (depth > MAX_BRACKETS) return true;
  }
  return text.split('\n').some((line) => INDENT.test(line) || hasManyIndicators(line));
}

/** Lists in lists and keys in keys can be opened on one line: `- - - a`. */
function hasManyIndicators(line: string): boolean {
  return line.length > MAX_INDICATORS * 2 && INDICATORS.test(line);
}
