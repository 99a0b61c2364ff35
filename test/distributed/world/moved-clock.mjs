// Loaded into a worker before anything else (`node --import`): its wall clock is off by as many milliseconds as the file says, from
// moment to moment. Its monotonic clock is not moved, as a machine's is not when somebody sets the time.
import { readFileSync } from 'node:fs';

const file = process.env.MOVED_CLOCK_FILE;
const trueNow = Date.now;
let offsetMs = 0;

function look() {
  const text = readFileSync(file, 'utf8');
  if (/^-?[0-9]+\n$/.test(text)) offsetMs = Number(text);
}

Date.now = () => trueNow() + offsetMs;
look();
setInterval(look, 50).unref();
