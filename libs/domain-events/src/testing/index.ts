export { anyEvent, anyFact } from './any-event.js';
export type { ExampleFacts } from './example-facts.js';
export { EXAMPLE_FACTS } from './example-facts.js';
