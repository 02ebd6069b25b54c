import { isLogoAddress, type Logo, logoDataUrl } from "../../domain/logo.ts";
import { invalidMember, type Refusal } from "../../domain/refusal.ts";
import type { World, WorldSettings } from "../../domain/world.ts";
import { logoOf } from "../../security/logo-address.ts";
import type { UnitOfWork } from "../../store/store.ts";

/** Settings with the address of the logo in place of a data URL, and that logo. */
export function withLogoAddress<S extends Partial<WorldSettings>>(settings: S): { settings: S; logo?: Logo } {
  const { merchantLogo } = settings;
  if (merchantLogo === undefined || isLogoAddress(merchantLogo)) return { settings };
  const logo = logoOf(merchantLogo);
  return { settings: { ...settings, merchantLogo: logo.address }, logo };
}

/** Refuses settings with the address of a logo that the sandbox does not have. */
export async function checkLogos(
  unit: UnitOfWork,
  { settings, opening }: Pick<World, "settings" | "opening">,
): Promise<Refusal | undefined> {
  for (const { merchantLogo } of [settings, opening?.settings ?? settings]) {
    if (merchantLogo === undefined || !isLogoAddress(merchantLogo)) continue;
    if ((await unit.get("logo", merchantLogo)) !== undefined) continue;
    return invalidMember("settings.merchantLogo", "is the address of a logo that the sandbox does not have");
  }
  return undefined;
}

/**
 * Saves a world and the logos of its settings, and removes the logos that no world uses any more.
 * @returns the saved world.
 */
export async function saveWorld(unit: UnitOfWork, { settings, opening, ...others }: World): Promise<World> {
  const now = withLogoAddress(settings);
  const start = withLogoAddress(opening?.settings ?? settings);
  const saved = {
    ...others,
    settings: now.settings,
    ...(opening && { opening: { ...opening, ...(opening.settings && { settings: start.settings }) } }),
  };
  await unit.save("world", saved);
  for (const { logo } of [now, start]) await saveLogo(unit, logo);
  const used = [now, start].flatMap(({ settings: { merchantLogo } }) => merchantLogo ?? []);
  await keepLogos(unit, saved.processingAccountId, [...new Set(used)]);
  return saved;
}

async function saveLogo(unit: UnitOfWork, logo: Logo | undefined): Promise<void> {
  if (logo !== undefined && (await unit.get("logo", logo.address)) === undefined) await unit.save("logo", logo);
}

/** Owner of the logos of the configuration. Worlds that a payment opens use them, so they stay. */
const configuration = "configuration";

/** Saves a logo of the configuration. */
export async function saveConfiguredLogo(unit: UnitOfWork, logo: Logo | undefined): Promise<void> {
  if (logo === undefined) return;
  await saveLogo(unit, logo);
  await addUse(unit, configuration, logo.address);
}

function addUse(unit: UnitOfWork, owner: string, address: string): Promise<void> {
  return unit.save("logoUse", { id: `${owner} ${address}`, owner, address });
}

/** Records which logos a world uses, and removes those that it was the last one to use. */
export async function keepLogos(
  unit: UnitOfWork,
  processingAccountId: string,
  addresses: readonly string[],
): Promise<void> {
  const uses = await unit.list("logoUse", { owner: processingAccountId });
  for (const address of addresses) {
    if (!uses.some((use) => use.address === address)) await addUse(unit, processingAccountId, address);
  }
  for (const { id, address } of uses) {
    if (addresses.includes(address)) continue;
    await unit.remove("logoUse", id);
    if ((await unit.page("logoUse", { address }, { limit: 1 })).length === 0) await unit.remove("logo", address);
  }
}

/** Settings with the data URL of the logo in place of its address. */
export async function withLogoData<S extends Partial<WorldSettings>>(unit: UnitOfWork, settings: S): Promise<S> {
  const { merchantLogo, ...others } = settings;
  const logo = merchantLogo === undefined ? undefined : await unit.get("logo", merchantLogo);
  return logo === undefined ? (others as S) : { ...settings, merchantLogo: logoDataUrl(logo) };
}
