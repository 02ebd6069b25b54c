// A right design: it stores a verified notification, answers at once, and works from the queue, also after a restart.
import { queue, save } from "./orders.mjs";
import { openShop } from "./shop.mjs";
import { receive as handle } from "./tracking.mjs";

const retryMs = 20;

async function receive(notification) {
  queue.push(notification);
  save();
  void wake();
}

let isWorking = false;

/** Works until the queue is empty. A notification that fails stays at the head, and is tried again. */
async function wake() {
  if (isWorking) return;
  isWorking = true;
  while (queue.length > 0) {
    try {
      await handle(queue[0]);
      queue.shift();
      save();
    } catch (error) {
      console.error(error);
      await new Promise((resolve) => setTimeout(resolve, retryMs));
    }
  }
  isWorking = false;
}

openShop({ receive });
void wake();
