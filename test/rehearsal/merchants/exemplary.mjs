// A merchant that does everything right: it verifies a message, asks the provider for the state, and changes the order in
// one step.
import { openShop } from "./shop.mjs";
import { receive } from "./tracking.mjs";

openShop({ receive });
