/** Which policy plans are made by: the configured one, or the one that was accepted; decided from what is written down alone. */
import { isDeepStrictEqual } from 'node:util';
import type { PredictorTuning, TuningStatus } from '../../../../crds/predictor.ts';
import type { Policy } from '../../../core/plan/policy.ts';
import { messageOf } from '../../../kube/errors.ts';
import { PolicyError, readPolicy, writePolicy } from '../../../policyForm.ts';

export type Adoption = {
  readonly policy: Policy;
  readonly using: TuningStatus['using'];
  /** CamelCase, for the condition TunedPolicy, and a sentence. */
  readonly reason: 'InUse' | 'NothingAccepted' | 'InvalidPolicy' | 'BaselineChanged' | 'OnlySuggested' | 'TuningOff';
  readonly message: string;
};

/** A policy as the status holds it. */
export function policyText(policy: Policy): string {
  return JSON.stringify(writePolicy(policy));
}

/** Throws PolicyError naming what is wrong. */
function parsed(text: string): Policy {
  try {
    return readPolicy(JSON.parse(text));
  } catch (error) {
    throw error instanceof PolicyError ? error : new PolicyError(`the text is not JSON: ${messageOf(error)}`);
  }
}

/** A policy means the same however it is written: what a newer form has by default need not stand in an older text. */
function isOf(text: string | undefined, policy: Policy): boolean {
  try {
    return text !== undefined && isDeepStrictEqual(parsed(text), parsed(policyText(policy)));
  } catch {
    return false;
  }
}

/** The accepted policy, where it can be read and was accepted against the configured one; whatever the mode. */
export function accepted(tuning: TuningStatus | undefined, configured: Policy): Policy | undefined {
  const found = adoption('use', tuning, configured);
  return found.reason === 'InUse' ? found.policy : undefined;
}

export function adoption(
  mode: PredictorTuning['mode'],
  tuning: Pick<TuningStatus, 'policy' | 'against'> | undefined,
  configured: Policy,
): Adoption {
  const otherwise = (reason: Adoption['reason'], message: string): Adoption => ({
    policy: configured,
    using: 'Configured',
    reason,
    message,
  });
  if (tuning?.policy === undefined) return otherwise('NothingAccepted', 'no search has found a better policy yet');
  let policy: Policy;
  try {
    policy = parsed(tuning.policy);
  } catch (error) {
    const words = `status.tuning.policy cannot be used: ${messageOf(error)}; the next search replaces it`;
    return otherwise('InvalidPolicy', words);
  }
  if (!isOf(tuning.against, configured)) {
    const words =
      'the configured policy is another one than the policy was accepted against; the next search judges anew';
    return otherwise('BaselineChanged', words);
  }
  if (mode === 'off') return otherwise('TuningOff', 'spec.tuning.mode is off');
  if (mode === 'suggest')
    return otherwise(
      'OnlySuggested',
      'a better policy stands in status.tuning.policy; spec.tuning.mode: use puts it to use',
    );
  return { policy, using: 'Tuned', reason: 'InUse', message: 'plans are made by the policy in status.tuning.policy' };
}
