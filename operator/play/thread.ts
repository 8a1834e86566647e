/** The thread in which a history is played: plays one and ends. */
import { answerOnce } from '../../predictors/worker/answerOnce.ts';
import { play } from './play.ts';

await answerOnce(play);
