import type { Merchant } from "../../domain/merchant.ts";
import type { World } from "../../domain/world.ts";
import type { UnitOfWork } from "../../store/store.ts";

/** The merchant of a world. Throws if it is missing, which is a defect. */
export async function merchantOf(unit: UnitOfWork, { merchantId }: Pick<World, "merchantId">): Promise<Merchant> {
  const merchant = await unit.get("merchant", merchantId);
  if (merchant === undefined) throw new Error(`the merchant ${merchantId} is not in the store`);
  return merchant;
}

/** Removes an HMAC key of a world's merchant, unless it is the only one. */
export async function retireKey(unit: UnitOfWork, world: World, hmacKid: string): Promise<void> {
  const merchant = await merchantOf(unit, world);
  const hmacKeys = merchant.hmacKeys.filter(({ kid }) => kid !== hmacKid);
  if (hmacKeys.length > 0) await unit.save("merchant", { ...merchant, hmacKeys });
}
