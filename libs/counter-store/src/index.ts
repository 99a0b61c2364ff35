export type { CounterAsk, CounterSeed, CounterStore, Reservation } from './counter-store.js';
