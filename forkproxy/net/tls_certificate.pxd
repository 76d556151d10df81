from forkproxy.net.openssl cimport BIO, EVP_PKEY, SSL, STACK_OF_X509, X509


cdef class Chain:
    """The certificates that lead from one to its root, itself left out."""

    cdef STACK_OF_X509* stack
    cdef object __weakref__


cdef class Certificate:
    """A certificate, those that lead from it to its root, and its key.

    One of ten thousand costs a start what its octets tell; OpenSSL reads it when it is shown.
    """

    cdef X509* leaf                     # NULL until it is open, as `key`
    cdef EVP_PKEY* key
    cdef Chain chain
    cdef bytes der                      # what `leaf` and `key` will be made of; None: they are
    cdef bytes pem_key
    cdef readonly str name              # the file, as the configuration says it
    cdef str key_name
    cdef readonly double expires        # wall seconds
    cdef readonly bint locked           # a password opened its key
    cdef public object state            # of its files when they were read: of whoever keeps it
    cdef object __weakref__

    # Have OpenSSL read it, if it has not yet. Raises TlsError.
    cdef int open(self) except -1
    cdef int _read(self, bytes octets) except -1
    cdef int _read_key(self, bytes octets, passwords) except -1


# Make a connection show a certificate, beside those of other kinds of key. Raises TlsError.
cdef int show_certificate(SSL* ssl, Certificate certificate) except -1

# What OpenSSL says went wrong last, in nginx's form; forgets it.
cdef str trouble()

# For whoever reads PEM: a BIO over octets, which must stay; the password that `data` is; whether
# what was not found is no error.
cdef BIO* reader(bytes octets) except NULL
cdef int give_password(char* into, int room, int writing, void* data) noexcept
cdef bint at_end() noexcept
