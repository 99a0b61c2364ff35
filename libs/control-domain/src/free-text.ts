const UNFIT = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]|\p{Cs}/u;

/** Whether a text that people wrote can be kept: at most `longest` UTF-16 units, no control characters but tab and line breaks, no half surrogate pairs. */
export function isFreeText(text: string, longest: number): boolean {
  return text.length <= longest && !UNFIT.test(text);
}
