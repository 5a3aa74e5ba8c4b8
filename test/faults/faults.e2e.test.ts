import { databaseFaults } from "./database.ts";
import { networkFaults } from "./network.ts";
import { processFaults } from "./process.ts";
import { peopleFaults, queueFaults } from "./queue.ts";
import { playFaults } from "./suite.ts";
import { timeFaults } from "./time.ts";
import { webhookFaults } from "./webhook.ts";

/** At least this many have to be played here for the run to mean anything. */
const least = { commit: 20, short: 40 };

await playFaults(
  [
    ...processFaults,
    ...networkFaults,
    ...queueFaults,
    ...peopleFaults,
    ...webhookFaults,
    ...timeFaults,
    ...databaseFaults,
  ],
  least,
);
