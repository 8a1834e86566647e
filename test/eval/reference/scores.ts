/**
 * Orders of the waiting jobs: the lowest score goes first. r = planning estimate, n = width, s = submit second, w = wait.
 * Written a second time, apart from the product's, so that each can be held against the other.
 */
import type { ReferenceJob } from './job.ts';

/** Score of a waiting job at second `now`. */
export type Score = (job: ReferenceJob, now: number) => number;

const wait = (job: ReferenceJob, now: number): number => now - job.submit;

export const fcfs: Score = (job) => job.submit;
export const sjf: Score = (job) => job.estimate;
export const saf: Score = (job) => job.estimate * job.width;
export const smallest: Score = (job) => job.width;
/** F1 to F4: Carastan-Santos and de Camargo (SC'17), with the constants that RLScheduler's code has. */
export const f1: Score = (job) => Math.log10(job.estimate) * job.width + 870 * Math.log10(job.submit);
export const f2: Score = (job) => Math.sqrt(job.estimate) * job.width + 25_600 * Math.log10(job.submit);
export const f3: Score = (job) => job.estimate * job.width + 6_860_000 * Math.log10(job.submit);
export const f4: Score = (job) => job.estimate * Math.sqrt(job.width) + 530_000 * Math.log10(job.submit);
/** ALCF's utility function of Cobalt. */
export const wfp3: Score = (job, now) => -((wait(job, now) / Math.max(job.estimate, 1)) ** 3) * job.width;
/** log2(n + 1), because log2(n) divides by zero at one processor. */
export const unicep: Score = (job, now) => -wait(job, now) / (Math.log2(job.width + 1) * Math.max(job.estimate, 1));
/** Largest expansion factor. */
export const lxf: Score = (job, now) => -(wait(job, now) + job.estimate) / Math.max(job.estimate, 10);
/** WFP3 as published with RLScheduler, whose wait reads -1 - submit because the start is not yet set. */
export const wfp3Published: Score = (job) => ((1 + job.submit) / job.estimate) ** 3 * job.width;

/** By the names that the product's policies have. */
export const NAMED = { fcfs, sjf, saf, smallest, lxf, wfp3, unicep, f1, f2, f3, f4 } as const;
