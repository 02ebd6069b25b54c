// A right design: an order exists only when its payment is captured. Before that there is no more than a checkout.
import { capturedAmount } from "./orders.mjs";
import { openShop } from "./shop.mjs";
import { receive } from "./tracking.mjs";

openShop({ receive, showsOrder: (order) => capturedAmount(order) > 0 });
