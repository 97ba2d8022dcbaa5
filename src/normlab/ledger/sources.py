"""The papers that claims and pages refer to."""

from typing import NamedTuple


class Source(NamedTuple):
    """A paper: how the text names it, its authors, title and place, and where it can be read."""

    short: str
    full: str
    link: str


SOURCES = {
    "ba": Source(
        "Ba et al. 2016",
        "J. L. Ba, J. R. Kiros and G. E. Hinton. Layer normalization. 2016. arXiv:1607.06450",
        "https://arxiv.org/abs/1607.06450",
    ),
    "cs231n": Source(
        "CS231n",
        "Stanford CS231n, assignment 2",
        "https://cs231n.github.io/",
    ),
    "he": Source(
        "He et al. 2015",
        "K. He, X. Zhang, S. Ren and J. Sun. Delving deep into rectifiers: surpassing human-level "
        "performance on ImageNet classification. ICCV 2015. arXiv:1502.01852",
        "https://arxiv.org/abs/1502.01852",
    ),
    "ioffe": Source(
        "Ioffe & Szegedy 2015",
        "S. Ioffe and C. Szegedy. Batch normalization: accelerating deep network training by "
        "reducing internal covariate shift. ICML 2015. arXiv:1502.03167",
        "https://arxiv.org/abs/1502.03167",
    ),
    "kingma": Source(
        "Kingma & Ba 2015",
        "D. P. Kingma and J. Ba. Adam: a method for stochastic optimization. ICLR 2015. "
        "arXiv:1412.6980",
        "https://arxiv.org/abs/1412.6980",
    ),
    "li": Source(
        "Li & Arora 2020",
        "Z. Li and S. Arora. An exponential learning rate schedule for deep learning. ICLR 2020. "
        "arXiv:1910.07454",
        "https://arxiv.org/abs/1910.07454",
    ),
    "ni": Source(
        "Ni et al. 2024",
        "Y. Ni, Y. Guo, J. Jia and L. Huang. On the nonlinearity of layer normalization. ICML "
        "2024. arXiv:2406.01255",
        "https://arxiv.org/abs/2406.01255",
    ),
    "renorm": Source(
        "Ioffe 2017",
        "S. Ioffe. Batch renormalization: towards reducing minibatch dependence in "
        "batch-normalized models. NeurIPS 2017. arXiv:1702.03275",
        "https://arxiv.org/abs/1702.03275",
    ),
    "samuelson": Source(
        "Samuelson 1968",
        "P. A. Samuelson. How deviant can you be? Journal of the American Statistical Association "
        "63, 1522-1525, 1968",
        "https://doi.org/10.1080/01621459.1968.10480944",
    ),
    "santurkar": Source(
        "Santurkar et al. 2018",
        "S. Santurkar, D. Tsipras, A. Ilyas and A. Madry. How does batch normalization help "
        "optimization? NeurIPS 2018. arXiv:1805.11604",
        "https://arxiv.org/abs/1805.11604",
    ),
    "squire": Source(
        "Squire & Trapp 1998",
        "W. Squire and G. Trapp. Using complex variables to estimate derivatives of real "
        "functions. SIAM Review 40, 110-112, 1998",
        "https://doi.org/10.1137/S003614459631241X",
    ),
    "van-laarhoven": Source(
        "van Laarhoven 2017",
        "T. van Laarhoven. L2 regularization versus batch and weight normalization. 2017. "
        "arXiv:1706.05350",
        "https://arxiv.org/abs/1706.05350",
    ),
    "zhang": Source(
        "Zhang & Sennrich 2019",
        "B. Zhang and R. Sennrich. Root mean square layer normalization. NeurIPS 2019. "
        "arXiv:1910.07467",
        "https://arxiv.org/abs/1910.07467",
    ),
    "wu": Source(
        "Wu & He 2018",
        "Y. Wu and K. He. Group normalization. ECCV 2018. arXiv:1803.08494",
        "https://arxiv.org/abs/1803.08494",
    ),
}
