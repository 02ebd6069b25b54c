/** An option is wrong. The message names the option, its value and origin, and what is expected. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

/** The options are allowed, but the sandbox cannot start now: a database or a port cannot be used. */
export class UnavailableError extends ConfigError {}
