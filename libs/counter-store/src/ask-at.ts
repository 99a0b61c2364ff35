import { branded, type EpochMs } from '@sallyport/kernel';

import type { CounterAsk } from './counter-store.js';

/** The same ask for a call at another instant, in the window that holds it. The very ask where it is in that window already. */
export function askAt(ask: CounterAsk, atMs: number): CounterAsk {
  if (ask.algorithm === 'sliding' || ask.algorithm === 'concurrent') {
    return ask.windowStartMs === atMs ? ask : inWindow(ask, atMs, atMs + ask.windowEndMs - ask.windowStartMs);
  }
  if (ask.windowStartMs <= atMs && atMs < ask.windowEndMs) return ask;
  if (ask.calendar === 'month') return inMonth(ask, new Date(atMs));
  const lengthMs = ask.windowEndMs - ask.windowStartMs;
  const startMs = Math.floor(atMs / lengthMs) * lengthMs;
  return inWindow(ask, startMs, startMs + lengthMs);
}

function inMonth(ask: CounterAsk, at: Date): CounterAsk {
  const year = at.getUTCFullYear();
  const month = at.getUTCMonth();
  return inWindow(ask, Date.UTC(year, month), Date.UTC(year, month + 1));
}

function inWindow(ask: CounterAsk, startMs: number, endMs: number): CounterAsk {
  return { ...ask, windowStartMs: branded<EpochMs>(startMs), windowEndMs: branded<EpochMs>(endMs) };
}
