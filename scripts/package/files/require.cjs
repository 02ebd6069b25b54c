const library = require("alipay-hk-sandbox");
const { exercise } = require("./exercise.cjs");

exercise(library);
