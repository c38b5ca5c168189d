"""Times OpenSSL's constant-time modular exponentiation in the 3072-bit group of security 2.

    openssl_modexp.py ROUNDS BITS...

First line: OpenSSL's version. Then a line per round: CPU time in ns for a random exponent of each
length in BITS. Only libcrypto.so.3 and ctypes are used, so nothing has to be installed.
"""

import ctypes
import sys
import time

crypto = ctypes.CDLL("libcrypto.so.3")


def function(name, *arguments, result=ctypes.c_void_p):
    found = getattr(crypto, name)
    found.argtypes, found.restype = arguments, result
    return found


P, INT = ctypes.c_void_p, ctypes.c_int
version = function("OpenSSL_version", INT, result=ctypes.c_char_p)
bn_new = function("BN_new")
bn_rand = function("BN_rand", P, INT, INT, INT, result=INT)
prime = function("BN_get_rfc3526_prime_3072", P)(None)
context = function("BN_CTX_new")()
montgomery = function("BN_MONT_CTX_new")()
mod_exp = function("BN_mod_exp_mont_consttime", P, P, P, P, P, P, result=INT)

assert function("BN_MONT_CTX_set", P, P, P, result=INT)(montgomery, prime, context)
result, base, exponent = bn_new(), bn_new(), bn_new()


def timed(bits):
    # Top bit set for the exponent, clear for the base, which is below the prime then.
    assert bn_rand(base, 3071, -1, 0) and bn_rand(exponent, bits, 0, 0)
    began = time.process_time_ns()
    assert mod_exp(result, base, exponent, prime, context, montgomery)
    return time.process_time_ns() - began


print(version(0).decode())
for _ in range(int(sys.argv[1])):
    print(*(timed(int(bits)) for bits in sys.argv[2:]))
